/* 42: >> of a negative number keeps its sign */
int main() { int x = -168; int n = 2; return -(x >> n); }
