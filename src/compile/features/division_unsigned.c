/* 42: / and % of unsigned numbers above the signed range */
int main() { unsigned a = 0xee6b2800; unsigned b = 3; return a / b == 1333333333 && a % 7 == 3 ? 42 : 1; }
