/* 42: an assembler statement with operands */
int main() { int x = 40; __asm__("addl $2, %0" : "+r"(x)); return x; }
