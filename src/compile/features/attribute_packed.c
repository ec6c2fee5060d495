/* 42: a struct without padding */
struct __attribute__((packed)) pair { char a; int b; };
int main() { return sizeof(struct pair) == 5 ? 42 : 1; }
