/* 42: & | ^ and ~ */
int main() { int a = 0x3c; int b = 0x0f; return (a & b) == 0x0c && (a | b) == 0x3f && (a ^ b) == 0x33 && ~a == -61 ? 42 : 1; }
