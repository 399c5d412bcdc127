// temper-worker: runs jobs, one after another, as a child of the coordinator.
int main() { return 0; }
