/* 42: a number in base two */
int main() { return 0b101010; }
