/* The queue's protocol: a producers' lock, a consumers' lock, a doorbell. Every process may die before each of its steps;
 * what the kernel then does for it is `die`. Checked by spin (models/check): no item is lost whose push
 * returned, save one that a consumer took and died with; none comes twice or torn; nobody waits for ever.
 *
 * A record has two halves, written one after the other, so that a torn one shows. Each death changes the death bell, as
 * between processes that ruche started. Time (the slices in which sleepers look for themselves) is left out, so a lost
 * wake-up is a deadlock.
 *
 * TAIL_MOVES_FIRST, NO_RING, NO_SECOND_LOOK, NO_DEATH_BELL and LOCKS_STAY each break it, to see that spin would notice.
 */
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef CONSUMERS
#define CONSUMERS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define ITEMS PRODUCERS
#define NOBODY 255

byte plock = NOBODY, clock_ = NOBODY; /* who holds it */
byte first[ITEMS], second[ITEMS];     /* the ring: as long as it has to be */
byte tail = 0, head = 0;
bool armed = false;                   /* the bell */
bool asleep[CONSUMERS];
bool pushed[PRODUCERS];               /* the push has returned */
byte popped[PRODUCERS];               /* how often the item was taken */
byte deaths_left = DEATHS;
byte producers_left = PRODUCERS, consumers_left = CONSUMERS;
bool closed = false;

inline wake_all() { byte w; w = 0; do :: w < CONSUMERS -> asleep[w] = false; w++ :: else -> break od }

/* What the kernel and the fork server do after a death: locks are free again, sleepers look. */
inline die(me)
{
    atomic {
        deaths_left--;
#ifndef LOCKS_STAY
        if :: plock == me -> plock = NOBODY :: else fi;
        if :: clock_ == me -> clock_ = NOBODY :: else fi;
#endif
        wake_all()
    }
}

#ifdef NO_DEATH_BELL
#define DEATHS_SEEN true
#else
#define DEATHS_SEEN (deaths_left == seen)
#endif

#define MAY_DIE :: deaths_left > 0 -> die(_pid); goto dead

proctype producer(byte id)
{
    byte at;
    if MAY_DIE :: atomic { plock == NOBODY -> plock = _pid } fi;
    if MAY_DIE :: at = tail fi;
#ifdef TAIL_MOVES_FIRST
    if MAY_DIE :: tail = at + 1 fi;
#endif
    if MAY_DIE :: first[at] = id + 1 fi;
    if MAY_DIE :: second[at] = id + 1 fi;
    if MAY_DIE :: tail = at + 1 fi;
    if MAY_DIE :: plock = NOBODY fi;
#ifdef NO_RING
    skip;
#else
    if MAY_DIE
    :: true -> if
       :: armed -> if MAY_DIE :: atomic { armed = false; wake_all() } fi
       :: else
       fi
    fi;
#endif
    pushed[id] = true;
dead:
    producers_left--
}

proctype consumer(byte id)
{
    byte a, b, at, seen;
    bool has_armed = false;
again:
    if MAY_DIE :: atomic { clock_ == NOBODY -> clock_ = _pid } fi;
    if MAY_DIE :: at = head fi;
    if
    :: at == tail ->
        clock_ = NOBODY;
        if MAY_DIE :: seen = deaths_left fi;
        if MAY_DIE :: atomic { armed = true; has_armed = true } fi;
        if
#ifndef NO_SECOND_LOOK
        :: head != tail -> goto again
#endif
        :: head == tail && closed ->
            /* it may have kept others asleep by arming the bell again, and leaves without an item */
            if MAY_DIE :: atomic { armed = false; wake_all() } fi;
            goto dead
        :: else
        fi;
        /* futex_waitv: sleeps only if the bell is still armed, and nobody has died since we looked for deaths */
        atomic {
            if
            :: armed && DEATHS_SEEN -> asleep[id] = true
            :: else -> goto again
            fi
        };
        if MAY_DIE :: !asleep[id] -> goto again fi
    :: else ->
        if MAY_DIE :: a = first[at] fi;
        if MAY_DIE :: b = second[at] fi;
        if
        :: deaths_left > 0 -> die(_pid); goto dead
        :: atomic { head = at + 1; assert(a == b && a > 0); popped[a - 1]++; assert(popped[a - 1] == 1) }
        fi;
        if MAY_DIE :: clock_ = NOBODY fi;
        if
        :: has_armed && head != tail -> if MAY_DIE :: atomic { armed = false; wake_all() } fi
        :: else
        fi;
        has_armed = false;
        goto again
    fi;
dead:
    consumers_left--
}

/* Closes the queue once all is pushed and popped. If a wake-up was lost, that never comes, and spin finds the deadlock. */
proctype closer()
{
    atomic { producers_left == 0 && (head == tail || consumers_left == 0) -> closed = true; armed = false; wake_all() }
}

/* When all is quiet: what was pushed has been popped, or lies in the queue if no consumer is left to pop it. */
active proctype judge()
{
    byte i = 0, k;
    bool there;
    atomic {
        do :: i < PRODUCERS -> run producer(i); i++ :: else -> break od;
        i = 0;
        do :: i < CONSUMERS -> run consumer(i); i++ :: else -> break od;
        run closer()
    };
    _nr_pr == 1;
    i = 0;
    do
    :: i < PRODUCERS ->
        there = false;
        k = head;
        do :: k < tail -> there = there || first[k] == i + 1; k++ :: else -> break od;
        assert(!pushed[i] || popped[i] == 1 || there);
        assert(!(popped[i] == 1 && there));
        i++
    :: else -> break
    od;
    assert(plock == NOBODY && clock_ == NOBODY)
}
