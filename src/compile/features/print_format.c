/* 7: printf with a string, numbers and a width */
/* prints "one 2 0x3\n" */
#include <stdio.h>
int main() { printf("%s %d 0x%x\n", "one", 2, 3); return 7; }
