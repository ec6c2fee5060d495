/* 42: a short keeps sixteen bits */
int main() { unsigned short s = 65535; s = s + 43; return s; }
