/* 42: << */
int main() { int x = 21; int n = 1; return x << n; }
