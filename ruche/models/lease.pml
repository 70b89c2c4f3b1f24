/* The table of leases (queue/lease_table.cpp), under the consumers' lock. A worker leases an item, works, and is done.
 * Every worker may die before each of its steps; the kernel then frees the lock and marks it. Checked by spin
 * (models/check): no item is lost, none has two living holders, each is done with once.
 *
 * HEAD_FIRST, NO_REPAIR and THE_LIVING_TOO each break it, to see that spin would notice.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef ITEMS
#define ITEMS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define ENTRIES ITEMS
#define NOBODY 255
#define FREE 0
#define HELD 1
#define RETURNED 2

byte lock = NOBODY;
bool owner_died = false;
byte head = 0;                     /* the items are those from head on; all are there from the start */
byte state[ENTRIES], position[ENTRIES], holder[ENTRIES], generation[ENTRIES];
byte used = 0;                     /* entries from here on were never used */
bool alive[WORKERS];
byte has[ITEMS], done[ITEMS];      /* living holders; how often its lease was ended as done */
byte deaths_left = DEATHS, workers_left = WORKERS;

inline die()
{
    atomic {
        deaths_left--;
        alive[me] = false;
        if :: item != NOBODY -> has[item]-- :: else fi;
        if :: lock == me -> lock = NOBODY; owner_died = true :: else fi
    }
}
#define MAY_DIE :: deaths_left > 0 -> die(); goto dead

/* Under the lock: entries for items that are still in the ring do not count. It may itself be killed. */
inline repair()
{
#ifndef NO_REPAIR
    e = 0;
    do
    :: e < used -> if MAY_DIE :: true -> if :: position[e] >= head -> state[e] = FREE :: else fi fi; e++
    :: else -> break
    od
#else
    skip
#endif
}

inline take_lock()
{
    if MAY_DIE :: atomic { lock == NOBODY -> lock = me; mess = owner_died; owner_died = false } fi;
    if :: mess -> repair(); mess = false :: else fi
}

inline return_of_the_dead()
{
    e = 0;
    do
    :: e < used ->
        if
        MAY_DIE
#ifdef THE_LIVING_TOO
        :: true -> if :: state[e] == HELD -> state[e] = RETURNED :: else fi
#else
        :: true -> if :: state[e] == HELD && !alive[holder[e]] -> state[e] = RETURNED :: else fi
#endif
        fi;
        e++
    :: else -> break
    od
}

proctype worker(byte me)
{
    byte e, mine, ticket, item = NOBODY;
    bool mess = false;
again:
    take_lock();
    return_of_the_dead();
    /* what came back first */
    mine = NOBODY; e = 0;
    do
    :: e < used ->
        if
        :: state[e] == RETURNED && mine == NOBODY -> mine = e
        :: state[e] == RETURNED && mine != NOBODY && position[e] < position[mine] -> mine = e
        :: else
        fi;
        e++
    :: else -> break
    od;
    if
    :: mine != NOBODY ->
        if MAY_DIE :: holder[mine] = me fi;
        if MAY_DIE
        :: atomic { state[mine] = HELD; ticket = generation[mine]; item = position[mine]; has[item]++; assert(has[item] == 1) }
        fi
    :: mine == NOBODY && head < ITEMS ->
        mine = 0;
        do :: mine < used && state[mine] != FREE -> mine++ :: else -> break od;
#ifdef HEAD_FIRST
        if MAY_DIE :: head++ fi;
        if MAY_DIE :: position[mine] = head - 1 fi;
#else
        if MAY_DIE :: position[mine] = head fi;
#endif
        if MAY_DIE :: holder[mine] = me fi;
        if MAY_DIE :: generation[mine]++ fi;
        if MAY_DIE :: true -> if :: mine == used -> used++ :: else fi fi;
        if MAY_DIE :: state[mine] = HELD fi;
        ticket = generation[mine];
        if
        MAY_DIE
        :: atomic {
               item = position[mine];
#ifndef HEAD_FIRST
               head++;
#endif
               has[item]++; assert(has[item] == 1)
           }
        fi
    :: else ->
        e = 0;
        do :: e < used && state[e] == FREE -> e++ :: else -> break od;
        if MAY_DIE :: lock = NOBODY fi;
        if :: e == used -> goto dead :: else -> goto again fi /* somebody holds one: it may come back */
    fi;
    if MAY_DIE :: lock = NOBODY fi;
    /* works */
    take_lock();
    if
    MAY_DIE
    :: atomic {
           true;
           if
           :: state[mine] == HELD && holder[mine] == me && generation[mine] == ticket ->
               state[mine] = FREE; done[item]++; has[item]--
           :: else -> assert(false) /* nobody takes a lease from the living */
           fi;
           item = NOBODY
       }
    fi;
    if MAY_DIE :: lock = NOBODY fi;
    goto again;
dead:
    workers_left--
}

active proctype judge()
{
    byte i = 0;
    bool somebody = false;
    atomic { do :: i < WORKERS -> alive[i] = true; run worker(i); i++ :: else -> break od };
    _nr_pr == 1;
    i = 0;
    do :: i < WORKERS -> somebody = somebody || alive[i]; i++ :: else -> break od;
    i = 0;
    do :: i < ITEMS -> assert(done[i] == 1 || !somebody); assert(done[i] <= 1); i++ :: else -> break od
}
