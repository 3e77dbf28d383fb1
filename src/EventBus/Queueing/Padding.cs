using System.Runtime.InteropServices;

namespace EventBus.Queueing;

/// <summary>Keeps what is written by one thread off the cache lines of another: two lines, because processors fetch them in pairs.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal readonly struct Padding;
