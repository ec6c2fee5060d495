/* 42: a function that calls itself twice */
int fib(int n) { if (n < 2) return n; return fib(n - 1) + fib(n - 2); }
int main() { return fib(9) + fib(6); }
