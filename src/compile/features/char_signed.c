/* 42: char is signed here, and widens with its sign */
int main() { char c = 200; int x = c; unsigned char u = 200; int y = u; return x == -56 && y == 200 ? 42 : 1; }
