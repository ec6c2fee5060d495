/* 42: a call through a pointer */
int add(int a, int b) { return a + b; }
int apply(int (*f)(int, int), int a, int b) { return f(a, b); }
int main() { return apply(add, 40, 2); }
