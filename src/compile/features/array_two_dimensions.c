/* 42: an array of arrays */
int t[3][4];
int main() { int i, j; for (i = 0; i < 3; i++) for (j = 0; j < 4; j++) t[i][j] = 10 * i + j; return t[2][3] + t[1][2] + t[0][3] + t[0][2] + 2; }
