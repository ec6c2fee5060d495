/* 42: GNU's vectors */
typedef int four __attribute__((vector_size(16)));
int main() { four a = { 1, 2, 3, 4 }; four b = a * a; return b[0] + b[1] + b[2] + b[3] + 12; }
