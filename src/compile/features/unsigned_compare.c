/* 42: < of unsigned numbers above the signed range */
int main() { unsigned a = 1; unsigned b = 0xee6b2800; int c = -1; return a < b && c < 1 && (unsigned)c > b ? 42 : 1; }
