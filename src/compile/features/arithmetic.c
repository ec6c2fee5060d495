/* 42: + - * and parentheses on int */
int main() { int a = 7; int b = 3; int c = (a + b) * 5 - a - 1; return c; }
