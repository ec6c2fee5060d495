/* 42: float keeps its own precision */
float tenth(float x) { return x * 0.1f; }
int main() { float a = tenth(420.0f); return a > 41.9f && a < 42.1f ? 42 : 1; }
