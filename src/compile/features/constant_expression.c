/* 42: a constant expression as an array's size */
enum { size = (3 + 4) * 2 };
char t[size * sizeof(int)];
int main() { return sizeof t == 56 ? 42 : 1; }
