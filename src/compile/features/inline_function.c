/* 42: static inline */
static inline int twice(int x) { return 2 * x; }
int main() { return twice(21); }
