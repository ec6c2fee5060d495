/* 42: p + n goes by elements, q - p counts them */
int main() { int t[8]; int *p = t; int *q = p + 6; t[6] = 36; return *q + (int)(q - p); }
