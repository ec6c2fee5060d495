/* 42: / and % of negative numbers go toward zero */
int main() { int a = -17; int b = 5; return a / b == -3 && a % b == -2 ? 42 : 1; }
