/* 42: _Static_assert */
_Static_assert(sizeof(int) == 4, "int has four bytes");
int main() { return 42; }
