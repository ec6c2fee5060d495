/* 42: the sizes of the x86-64 ABI */
int main() { return sizeof(char) == 1 && sizeof(short) == 2 && sizeof(int) == 4 && sizeof(long) == 8 && sizeof(char *) == 8 ? 42 : 1; }
