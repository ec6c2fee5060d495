/* 42: a weak definition */
__attribute__((weak)) int answer() { return 42; }
int main() { return answer(); }
