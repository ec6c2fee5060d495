/* 42: globals with values, one of them an address */
int number = 40;
int *address = &number;
char *text = "ab";
int main() { return *address + 2 + (text[1] != 'b'); }
