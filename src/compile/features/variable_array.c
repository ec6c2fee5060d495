/* 42: an array whose length is a variable's value */
int sum(int n) { int t[n]; int i, s = 0; for (i = 0; i < n; i++) t[i] = i; for (i = 0; i < n; i++) s += t[i]; return s; }
int main() { return sum(9) + 6; }
