// A shared library that is no plugin.
extern "C" int add(int a, int b) { return a + b; }
