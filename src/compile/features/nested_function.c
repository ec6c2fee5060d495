/* 42: GNU's function inside a function */
int main() { int base = 40; int add(int x) { return base + x; } return add(2); }
