using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <content>What is due to whom, and what became of it.</content>
internal sealed partial class AlertBook
{
    /// <summary>The groups that a receiver is to be told now; they count as under way until <see cref="Done"/>.</summary>
    /// <param name="receiver">The receiver's number.</param>
    /// <param name="max">Groups at most.</param>
    public DueWork Take(int receiver, int max)
    {
        lock (_gate)
        {
            var now = Now;
            var due = new List<(AlertGroup Group, TimeSpan Due)>();
            var next = TimeSpan.MaxValue;
            foreach (var group in _groups.Values)
            {
                ExpireIfOver(group, now, ref next);
                var at = DueOf(group, receiver);
                if (at > now)
                {
                    next = Min(next, at);
                }
                else if (!IsSilenced(group, receiver))
                {
                    due.Add((group, at));
                }
            }

            due.Sort((a, b) => Order(a.Group, a.Due, b.Group, b.Due, receiver));
            var tickets = new List<Ticket>(Math.Min(max, due.Count));
            for (var i = 0; i < due.Count && i < max; i++)
            {
                var group = due[i].Group;
                group.Told[receiver].IsBusy = true;
                tickets.Add(new Ticket(group, group.ToAlert(), group.Version));
            }

            _nextDue[receiver] = due.Count > 0 ? TimeSpan.Zero : next;
            return new DueWork(tickets, due.Count, next);
        }
    }

    /// <summary>Takes back groups that were not told after all.</summary>
    /// <param name="receiver">The receiver's number.</param>
    /// <param name="tickets">The groups.</param>
    /// <param name="first">The first of them that is given back.</param>
    public void PutBack(int receiver, IReadOnlyList<Ticket> tickets, int first)
    {
        lock (_gate)
        {
            for (var i = first; i < tickets.Count; i++)
            {
                tickets[i].Group.Told[receiver].IsBusy = false;
            }
        }
    }

    /// <summary>Takes note of an attempt.</summary>
    /// <param name="receiver">The receiver's number.</param>
    /// <param name="ticket">The group.</param>
    /// <param name="outcome">What became of it.</param>
    /// <returns>Whether the group was given up because of its time.</returns>
    public bool Done(int receiver, in Ticket ticket, ConsumeResult outcome)
    {
        var isGivenUp = false;
        lock (_gate)
        {
            var now = Now;
            var group = ticket.Group;
            ref var told = ref group.Told[receiver];
            told.IsBusy = false;
            if (outcome.Outcome == ConsumeOutcome.Retry)
            {
                told.FailingSince ??= now;
                told.TriedAt = now;
                var limit = _receivers[receiver].MaxElapsedTime;
                isGivenUp = limit > TimeSpan.Zero && now - told.FailingSince >= limit;
                if (!isGivenUp)
                {
                    return false;
                }

                outcome = ConsumeResult.Rejected("max_elapsed_time", outcome.Message, 1);
            }

            told.IsTold = true;
            told.IsRefused = !outcome.IsAccepted;
            told.IsEnded = !ticket.Alert.IsFiring;
            told.ToldAt = now;
            told.ToldVersion = ticket.Version;
            told.FailingSince = null;
            if (group.IsToldToAll)
            {
                group.Release(IsKnownToAny(group) ? ConsumeResult.Accepted : outcome with { RejectedCount = 1 });
            }

            SettleIfDone(group);
        }

        if (_config.Inhibit.Count > 0)
        {
            Changed();
        }

        return isGivenUp;
    }

    /// <summary>Makes everything due that was not told yet.</summary>
    public void BeginStopping()
    {
        lock (_gate)
        {
            _isStopping = true;
        }

        Changed();
    }

    /// <summary>
    /// Gives batches back that wait for a receiver which cannot be told now: the process stops, and they are safe where
    /// they came from.
    /// </summary>
    /// <param name="receiver">The receiver's number.</param>
    public void GiveBack(int receiver)
    {
        lock (_gate)
        {
            foreach (var group in _groups.Values)
            {
                if (group.Includes(receiver) && !group.Told[receiver].IsTold)
                {
                    group.Release(ConsumeResult.Retry("shutdown", "the process stops before the receiver could be told"));
                }
            }
        }
    }

    /// <summary>Events of groups that some receiver was not told of.</summary>
    public long CountOwed()
    {
        lock (_gate)
        {
            long owed = 0;
            foreach (var group in _groups.Values)
            {
                owed += group.IsToldToAll || group.IsMuted ? 0 : group.Count;
            }

            return owed;
        }
    }

    private static bool IsKnownToAny(AlertGroup group) => Array.Exists(group.Told, static t => t is { IsTold: true, IsRefused: false });

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // The most urgent first, the longest due of these first. What was tried in vain goes behind all that was not, the
    // longest ago first: one alert that a receiver chokes on must not keep the others from it.
    private static int Order(AlertGroup one, TimeSpan oneDue, AlertGroup other, TimeSpan otherDue, int receiver)
    {
        ref readonly var oneTold = ref one.Told[receiver];
        ref readonly var otherTold = ref other.Told[receiver];
        if (oneTold.FailingSince is not null || otherTold.FailingSince is not null)
        {
            var oneTried = oneTold.FailingSince is null ? TimeSpan.MinValue : oneTold.TriedAt;
            var otherTried = otherTold.FailingSince is null ? TimeSpan.MinValue : otherTold.TriedAt;
            if (oneTried != otherTried)
            {
                return oneTried.CompareTo(otherTried);
            }
        }

        return one.Urgency != other.Urgency ? one.Urgency.CompareTo(other.Urgency) : oneDue.CompareTo(otherDue);
    }

    // What nobody was told of yet does not end by itself, however long a receiver is away.
    private void ExpireIfOver(AlertGroup group, TimeSpan now, ref TimeSpan next)
    {
        if (!group.IsFiring || _isStopping)
        {
            return;
        }

        var over = Max(group.ExpiresAt, group.ForgottenUntil);
        if (over > now)
        {
            next = Min(next, over);
        }
        else if (group.IsToldToAll || _mutes.Find(group) is not null)
        {
            ResolveGroup(group, now);
        }
    }

    private TimeSpan DueOf(AlertGroup group, int receiver)
    {
        ref readonly var told = ref group.Told[receiver];
        if (!group.Includes(receiver) || told.IsEnded || told.IsBusy)
        {
            return TimeSpan.MaxValue;
        }

        if (!group.IsFiring)
        {
            return group.ResolvedAt;
        }

        if (!told.IsTold)
        {
            return _isStopping ? TimeSpan.Zero : group.FirstAt + _config.GroupWait;
        }

        if (_isStopping)
        {
            return TimeSpan.MaxValue;
        }

        var repeat = told.ToldAt + _receivers[receiver].RepeatInterval;
        return group.Version > told.ToldVersion ? Min(told.ToldAt + _config.GroupInterval, repeat) : repeat;
    }

    // A silenced group wakes with the end of what silences it, so it needs no time of its own.
    private bool IsSilenced(AlertGroup group, int receiver)
    {
        if (!group.IsFiring || _mutes.Find(group) is not { } source)
        {
            group.IsMuted &= !group.IsFiring;
            return false;
        }

        if (!group.IsMuted)
        {
            group.IsMuted = true;
            _metrics.MutedAlerts.Add(1);
        }

        if (source.IsToldToAll && !group.Told[receiver].IsTold)
        {
            group.Release(ConsumeResult.Accepted);
        }

        return true;
    }

    // A group that is over goes when every receiver knows its end or need not know it.
    private void SettleIfDone(AlertGroup group)
    {
        if (group.IsFiring)
        {
            return;
        }

        var isUnsaid = group.IsMuted || group.ResolvedAt < group.FirstAt + _config.GroupWait;
        var isOver = true;
        for (var i = 0; i < group.Told.Length; i++)
        {
            ref var told = ref group.Told[i];
            if (!group.Includes(i) || told.IsEnded)
            {
                continue;
            }

            var needNotKnow = told.IsTold ? told.IsRefused || !_receivers[i].SendResolved : isUnsaid;
            told.IsEnded = needNotKnow && !told.IsBusy;
            isOver &= told.IsEnded;
        }

        if (isOver && _groups.GetValueOrDefault(group.Key) == group)
        {
            if (!group.IsToldToAny && !group.IsMuted)
            {
                _metrics.UnsaidAlerts.Add(1);
            }

            Discard(group);
        }
    }
}
