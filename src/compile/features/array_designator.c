/* 42: an initializer that names array elements */
int t[6] = { [4] = 40, [1] = 2 };
int main() { return t[1] + t[4] + t[0] + t[5]; }
