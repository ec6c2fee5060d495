/* 42: double, and its conversion to int */
double half(double x) { return x / 2.0; }
int main() { double a = 10.5; double b = half(a) * 8.0; return (int)b; }
