/* 42: >> of an unsigned number fills with zeros */
int main() { unsigned x = 0xa8000000; return x >> 26; }
