// temper, the coordinator.
int main() { return 0; }
