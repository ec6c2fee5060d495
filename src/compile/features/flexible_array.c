/* 42: a struct that ends in an array of unknown length */
struct text { int length; char bytes[]; };
int main() { return sizeof(struct text) == sizeof(int) ? 42 : 1; }
