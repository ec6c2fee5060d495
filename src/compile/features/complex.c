/* 42: C99's complex numbers */
int main() { double _Complex z = 3.0; z = z * z; return (int)__real__ z + 33; }
