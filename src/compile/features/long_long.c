/* 42: 64-bit arithmetic */
int main() { long long a = 4294967296LL; long long b = a * 10 + 42; return (int)(b - a * 10); }
