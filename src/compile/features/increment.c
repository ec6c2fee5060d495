/* 42: ++ and -- before and behind, also through a pointer */
int main() { int t[3]; int *p = t; *p++ = 10; *p++ = 20; *p = 11; int x = t[0]++; int y = --t[1]; return x + y + t[0] + t[2] - 9; }
