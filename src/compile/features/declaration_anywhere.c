/* 42: a declaration after a statement */
int main() { int a = 40; a++; int b = 1; return a + b; }
