/* 42: enum with values of its own */
enum colour { red, green = 20, blue };
int main() { enum colour c = blue; return c + green + 1 + red; }
