/* 42: an _Atomic variable */
_Atomic int counter;
int main() { counter = 40; counter += 2; return counter; }
