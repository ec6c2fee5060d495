/* 42: GNU's ({ }) */
int main() { int x = ({ int y = 40; y + 2; }); return x; }
