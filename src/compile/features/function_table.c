/* 42: an array of pointers to functions */
int add(int a, int b) { return a + b; }
int sub(int a, int b) { return a - b; }
int (*table[2])(int, int) = { add, sub };
int main() { return table[1](50, 20) + table[0](7, 5); }
