/* 42: a number that says that it is unsigned */
int main() { return 42u + 0x10u - 16U; }
