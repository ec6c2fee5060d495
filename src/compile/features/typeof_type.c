/* 42: GNU's typeof, which C23 took */
int main() { int x = 40; __typeof__(x) y = 2; return x + y; }
