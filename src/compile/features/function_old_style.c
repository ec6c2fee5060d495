/* 42: a definition in the manner of before 1989 */
int add(a, b) int a; int b; { return a + b; }
int main() { return add(40, 2); }
