/* 42: small types are computed in int */
int main() { unsigned char a = 200; unsigned char b = 100; int s = a + b; unsigned char w = a + b; return s == 300 && w == 44 ? 42 : 1; }
