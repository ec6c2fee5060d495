/* 42: __VA_ARGS__ */
#define SUM(f, ...) f(__VA_ARGS__)
int add(int a, int b, int c) { return a + b + c; }
int main() { return SUM(add, 20, 20, 2); }
