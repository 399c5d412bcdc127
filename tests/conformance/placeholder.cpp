// Compiled so that the library exists before the first suite does.
