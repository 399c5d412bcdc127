"""What differs between two study.h5, read with h5py: everything but costs, seconds and the root's attributes. Independent of temper's own reader."""
import h5py
import numpy


def same(a, b):
    a, b = numpy.asarray(a), numpy.asarray(b)
    if a.shape != b.shape or a.dtype.kind != b.dtype.kind:
        return False
    return a.tobytes() == b.tobytes() if a.dtype.kind in "fiub" else a.tolist() == b.tolist()


def differences(first, second):
    with h5py.File(first) as a, h5py.File(second) as b:
        found = []

        def visit(one, other, path):
            for name in sorted(set(one.attrs) | set(other.attrs)) if path else ():
                if name not in one.attrs or name not in other.attrs or not same(one.attrs[name], other.attrs[name]):
                    found.append(f"{path}@{name}: {one.attrs.get(name)!r}, {other.attrs.get(name)!r}")
            if isinstance(one, h5py.Dataset):
                if not same(one[()], other[()]):
                    found.append(f"{path}: {one[()]!r}, {other[()]!r}")
                return
            for name in sorted(set(one) | set(other)):
                if name in ("cost", "seconds"):
                    continue
                if name not in one or name not in other:
                    found.append(f"{path}/{name}: in one only")
                else:
                    visit(one[name], other[name], f"{path}/{name}")

        visit(a, b, "")
        return found


if __name__ == "__main__":
    import sys
    lines = differences(*sys.argv[1:3])
    print("\n".join(lines) or "equal")
    sys.exit(1 if lines else 0)
