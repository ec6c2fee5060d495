/* 42: the comma operator */
int main() { int a, b; a = (b = 40, b + 2); return a; }
