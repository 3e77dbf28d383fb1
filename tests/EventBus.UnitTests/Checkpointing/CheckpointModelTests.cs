using CsCheck;
using EventBus.Checkpointing;
using EventBus.Storage;

namespace EventBus.UnitTests.Checkpointing;

/// <summary>Random steps of a subscription, with commits that come late or never, against a plain set of what is not settled.</summary>
public sealed class CheckpointModelTests
{
    [Fact]
    public void Whenever_it_crashes_what_is_stored_covers_all_that_is_not_settled() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 15]).Array[0, 300].Sample(static steps =>
        {
            var run = new Run();
            foreach (var (step, which) in steps)
                run.Do(step, which);
        });

    private sealed class Run
    {
        private const int Capacity = 4;

        private readonly Checkpoint _checkpoint = new(0, Capacity, withKeys: false);

        // Unsettled deliveries, and whether each waits.
        private readonly SortedDictionary<long, bool> _unsettled = [];
        private readonly Dictionary<long, LogDelivery> _stored = [];
        private long _storedPosition;
        private long _read;
        private CheckpointChanges? _underWay;
        private HashSet<long> _settledWhenTaken = [];

        public void Do(int step, int which)
        {
            switch (step)
            {
                case < 3:
                    Read(which);
                    break;
                case < 5:
                    Change(which, waits: false, id => _checkpoint.Forget(id), isSettled: true);
                    break;
                case 5:
                    Change(which, waits: false, id => _checkpoint.Park(RowOf(id)));
                    break;
                case 6:
                    Change(which, waits: true, id => _checkpoint.SetPhase(RowOf(id), RowPhase.InHand));
                    break;
                case 7 when which < 8:
                    _checkpoint.KeepOldest(Rows.Of);
                    break;
                case 7:
                    _checkpoint.KeepOvertaken(Rows.Of);
                    break;
                default:
                    TakeOrEnd(isCommitted: which < 12);
                    break;
            }

            Check();
        }

        private void Read(int which)
        {
            if (which == 0)
                _checkpoint.Pass(++_read);
            if (which == 0 || !_checkpoint.HasRoom)
                return;
            _checkpoint.Begin(++_read, null, Rows.Of);
            _unsettled.Add(_read, false);
        }

        private void Change(int which, bool waits, Action<DeliveryId> change, bool isSettled = false)
        {
            var candidates = _unsettled.Where(delivery => delivery.Value == waits).Select(static delivery => delivery.Key).ToList();
            if (candidates.Count == 0)
                return;
            var sequence = candidates[which % candidates.Count];
            change(new(sequence));
            if (isSettled)
                _unsettled.Remove(sequence);
            else
                _unsettled[sequence] = !waits;
        }

        private UnsettledRow RowOf(DeliveryId id) => _checkpoint.TryGetRow(id, out var row) ? row : Rows.Of(id, null);

        private void TakeOrEnd(bool isCommitted)
        {
            if (_underWay is not { } changes)
            {
                _underWay = _checkpoint.TakeChanges();
                _settledWhenTaken = [.. Enumerable.Range(1, (int)_read).Select(static sequence => (long)sequence).Where(sequence => !_unsettled.ContainsKey(sequence))];
                return;
            }

            _underWay = null;
            if (!isCommitted)
            {
                _checkpoint.TakeBack(changes);
                return;
            }

            _checkpoint.Committed();
            _storedPosition = changes.Position;
            foreach (var (id, stored) in changes.Deliveries)
            {
                if (stored is null)
                    _stored.Remove(id.Sequence);
                else
                    _stored[id.Sequence] = stored;
            }

            Assert.DoesNotContain(_stored.Keys, _settledWhenTaken.Contains);
        }

        private void Check()
        {
            // After a crash everything beyond the position is read again, and what has a row too.
            Assert.All(_unsettled.Keys, sequence => Assert.True(sequence > _storedPosition || _stored.ContainsKey(sequence), $"{sequence} would be lost"));
            var withoutRow = _unsettled.Keys.Where(sequence => !_checkpoint.TryGetRow(new(sequence), out _)).ToList();
            Assert.Equal(_storedPosition, _checkpoint.SavedPosition);
            Assert.Equal(withoutRow.Count == 0 ? _read : withoutRow[0] - 1, _checkpoint.Position);
            Assert.Equal(
                (_unsettled.Count, _unsettled.Values.Count(static waits => waits), _unsettled.Values.Count(static waits => !waits)),
                (_checkpoint.Unsettled, _checkpoint.RowsAtRest, _checkpoint.InHand));
            Assert.All(_unsettled, delivery => Assert.Equal(!delivery.Value, _checkpoint.IsInHand(new(delivery.Key))));
        }
    }
}
